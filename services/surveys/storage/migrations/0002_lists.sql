-- So that what concerns one member, or is still to be worked on, is found without reading everything else.
CREATE INDEX invitation_member ON surveys.invitation (program_key, survey_key, member_id, invitation_id);
CREATE INDEX response_member ON surveys.response (program_key, survey_key, member_id, response_id);
CREATE INDEX case_member ON surveys.member_case (program_key, member_id, case_id);
CREATE INDEX case_active ON surveys.member_case (program_key, case_id) WHERE state NOT IN (5, 6);
