-- Which rules decide the class, as known at a registry version?
SELECT CAST(kind AS String), CAST(counter_cash AS String), CAST(owner_known AS String), CAST(purpose AS String),
       CAST(evidence AS String), CAST(class AS String)
FROM class_rules_as_of(registry_version = {registry_version: UInt32})
ORDER BY position
