-- It was tried once more, in vain.
UPDATE set_aside SET error = $4, attempts = attempts + 1 WHERE program_key = $1 AND source = $2 AND position = $3
