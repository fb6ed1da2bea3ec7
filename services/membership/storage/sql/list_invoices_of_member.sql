-- A page of a member's invoices, the newest first.
SELECT invoice.invoice_number, invoice.membership_id, invoice.member_id, invoice.state, invoice.currency_code,
       invoice.total_minor, invoice.issue_time, invoice.paid_time
FROM membership.invoice
WHERE program_key = $1 AND member_id = $2 AND invoice_number < $3
  AND (cardinality($4::bigint[]) = 0 OR state = ANY ($4::bigint[]))
ORDER BY invoice_number DESC
LIMIT $5
