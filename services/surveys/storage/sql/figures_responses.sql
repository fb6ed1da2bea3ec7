-- How many responses each program has.
SELECT program.program_id AS program, counted.responses
FROM (SELECT program_key, count(*) AS responses FROM surveys.response GROUP BY program_key) AS counted
JOIN platform.program ON program.program_key = counted.program_key
