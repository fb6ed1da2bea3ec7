-- How much of the rules' budgets is used.
SELECT substr(name, 8) AS rule_id, used FROM points.counter WHERE program_key = $1 AND name LIKE 'budget:%'
