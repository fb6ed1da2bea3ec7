-- The invoices of a membership that a decision may change: not paid, with a charge that is due, or named.
SELECT invoice.invoice_number, invoice.membership_id, invoice.member_id, invoice.state, invoice.currency_code,
       invoice.total_minor, invoice.issue_time, invoice.paid_time
FROM membership.invoice
WHERE program_key = $1 AND membership_id = $2
  AND (state IN (2, 4) OR invoice_number = $3
       OR EXISTS (SELECT FROM membership.charge
                  WHERE charge.program_key = $1 AND charge.invoice_number = invoice.invoice_number
                    AND charge.next_due_time < 'infinity'))
ORDER BY invoice_number
