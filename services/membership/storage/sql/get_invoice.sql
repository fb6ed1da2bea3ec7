-- An invoice by its number.
SELECT invoice.invoice_number, invoice.membership_id, invoice.member_id, invoice.state, invoice.currency_code,
       invoice.total_minor, invoice.issue_time, invoice.paid_time
FROM membership.invoice
WHERE program_key = $1 AND invoice_number = $2
