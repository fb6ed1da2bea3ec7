-- A page of a program's invoices, the newest first.
SELECT invoice.invoice_number, invoice.membership_id, invoice.member_id, invoice.state, invoice.currency_code,
       invoice.total_minor, invoice.issue_time, invoice.paid_time
FROM membership.invoice
WHERE program_key = $1 AND invoice_number < $2 AND (cardinality($3::bigint[]) = 0 OR state = ANY ($3::bigint[]))
ORDER BY invoice_number DESC
LIMIT $4
