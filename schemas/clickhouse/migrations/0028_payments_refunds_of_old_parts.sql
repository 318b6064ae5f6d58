-- And those written before? Until a part has its projection, it is read whole: slower, and with the same answer.
ALTER TABLE payments MATERIALIZE PROJECTION refunds
