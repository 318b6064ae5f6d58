-- Which migrations were applied to this database?
SELECT name, checksum FROM migrations FINAL
