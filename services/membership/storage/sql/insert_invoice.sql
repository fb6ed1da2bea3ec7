-- A new invoice with its only line.
WITH invoice AS (
    INSERT INTO membership.invoice (program_key, invoice_number, membership_id, member_id, state, currency_code, total_minor,
                                    issue_time, paid_time)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)
INSERT INTO membership.invoice_line (program_key, invoice_number, line_number, membership_id, period_index, kind,
                                     description, amount_minor, period_start, period_end)
VALUES ($1, $2, 1, $3, $10, $11, $12, $7, $13, $14)
