-- Ends post_entries, and what it has written, if something that the batch rests on has been changed meanwhile.
CREATE FUNCTION points.check_posted(posted boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT posted THEN
        RAISE EXCEPTION 'The program or an account has changed.' USING ERRCODE = 'LY001';
    END IF;
END
$$;
