-- How far this service has followed another one's events of a program; who asks next waits for the commit.
SELECT position FROM followed WHERE program_key = $1 AND source = $2 FOR UPDATE
