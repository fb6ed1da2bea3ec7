-- A charge, new or changed.
INSERT INTO membership.charge (program_key, invoice_number, attempt, outcome, event_sequence, event_time, provider_charge_id,
                               decline_code, given_up, refund, looks, create_time, next_due_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (program_key, invoice_number, attempt) DO UPDATE
SET outcome = excluded.outcome, event_sequence = excluded.event_sequence, event_time = excluded.event_time,
    provider_charge_id = excluded.provider_charge_id, decline_code = excluded.decline_code, given_up = excluded.given_up,
    refund = excluded.refund, looks = excluded.looks, next_due_time = excluded.next_due_time
