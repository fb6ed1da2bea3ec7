// Responses in PostgreSQL, inside the caller's transaction.
#pragma once

#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/surveys/domain/response.h"
#include "services/surveys/domain/score.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

// Stores the response, with its answers as they are and as numbers, marks its invitation as answered, and
// gives the response its id. The invitation must be locked.
void InsertResponse(postgres::Transaction& tx, int32_t program_key, const Survey& survey, Response& response);

// The response of an answered invitation: there is one.
Response LoadResponseOfInvitation(postgres::Transaction& tx, int32_t program_key, int64_t invitation_id);

// Up to `limit`, newest first, with ids below `before`; of a member, or of all if it is empty.
std::vector<Response> ListResponses(postgres::Transaction& tx, int32_t program_key, int64_t survey_key,
                                    const std::string& member_id, int64_t before, int limit);

// Counts for ComputeScores: of what was submitted, and of invitations that were made, from `start` to before
// `end`. Reads all of the survey's rows in that time; needs a transaction (Pool::Run), not a plain read.
std::vector<CountRow> CountScores(postgres::Transaction& tx, int32_t program_key, int64_t survey_key,
                                  absl::Time start, absl::Time end, const Grouping& grouping);

}  // namespace loyalty::surveys
