-- How far this service has followed another one's events of a program.
SELECT position FROM followed WHERE program_key = $1 AND source = $2
