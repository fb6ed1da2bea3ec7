-- The lines of some invoices.
SELECT invoice_number, kind, description, amount_minor, period_index, period_start, period_end
FROM membership.invoice_line
WHERE program_key = $1 AND invoice_number = ANY ($2::bigint[])
ORDER BY invoice_number, line_number
