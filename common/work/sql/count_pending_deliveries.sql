-- How many deliveries are pending, and since when the oldest is.
SELECT count(*), min(create_time) FROM delivery WHERE state = 1
