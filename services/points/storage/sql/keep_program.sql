-- Nobody changes the program until the transaction ends.
SELECT FROM platform.program WHERE program_key = $1 FOR KEY SHARE
