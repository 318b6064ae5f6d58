-- Which decisions of persons hold, are overtaken, or are not in the facts?
SELECT decision_id, address, CAST(state AS String), decided_at, undo_of, who, why FROM decision_history ORDER BY decided_at, decision_id, address
