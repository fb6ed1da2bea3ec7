-- When the policies of tiers and of transfers were last changed; NULL: never since the program was made.
SELECT policies -> 'changed' ->> 'tiers' AS tiers, policies -> 'changed' ->> 'transfers' AS transfers
FROM points.settings
WHERE program_key = $1
