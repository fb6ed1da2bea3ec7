-- What can change of an invoice: its state, and the period of the first one when it is paid.
WITH line AS (
    UPDATE membership.invoice_line
    SET period_start = $5, period_end = $6
    WHERE program_key = $1 AND invoice_number = $2 AND line_number = 1 AND period_start = 'infinity'
)
UPDATE membership.invoice
SET state = $3, paid_time = $4
WHERE program_key = $1 AND invoice_number = $2
