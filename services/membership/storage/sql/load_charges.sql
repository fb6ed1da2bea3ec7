-- The charges of some invoices.
SELECT invoice_number, attempt, outcome, event_sequence, event_time, provider_charge_id, decline_code, given_up, refund,
       looks, create_time, next_due_time
FROM membership.charge
WHERE program_key = $1 AND invoice_number = ANY ($2::bigint[])
ORDER BY invoice_number, attempt
