-- The next numbers of a program's invoices, as many as asked: the last of them. Waits for whoever took the ones before.
INSERT INTO membership.invoice_counter AS counter (program_key, last_number)
VALUES ($1, $2)
ON CONFLICT (program_key) DO UPDATE SET last_number = counter.last_number + excluded.last_number
RETURNING last_number
