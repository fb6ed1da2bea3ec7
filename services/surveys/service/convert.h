// Between the contract's messages and the domain's values. Only service/ knows both.
#pragma once

#include <absl/time/time.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/repeated_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <vector>

#include "common/status/status.h"
#include "loyalty/surveys/v1/case.pb.h"
#include "loyalty/surveys/v1/response.pb.h"
#include "loyalty/surveys/v1/result_service.pb.h"
#include "loyalty/surveys/v1/survey.pb.h"
#include "services/surveys/domain/case.h"
#include "services/surveys/domain/invitation.h"
#include "services/surveys/domain/response.h"
#include "services/surveys/domain/score.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

// A timestamp outside the protocol's range (years 1 to 9999) becomes the infinite future.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToProto(absl::Time time);
absl::Duration ToDuration(const google::protobuf::Duration& duration);
google::protobuf::Duration ToProto(absl::Duration duration);

// A draft. What is left out takes its default; types that are not given or unknown are added to the
// violations.
Survey ToSurvey(const v1::Survey& in, Violations& violations);
v1::Survey ToProto(const Survey& survey);

// In the state that holds at `now`.
v1::Invitation ToProto(const Invitation& invitation, absl::Time now);

std::vector<Answer> ToAnswers(const google::protobuf::RepeatedPtrField<v1::Answer>& in);
v1::Response ToProto(const Response& response);
// The same without what the member wrote: of a text only that there is one.
v1::Response WithoutTexts(const Response& response);

// Overdue or not at `now`.
v1::Case ToProto(const Case& c, absl::Time now);
v1::CaseNote ToProto(const CaseNote& note);

// A survey's scores, which are grouped by `period`, as the answer to GetScores.
void Fill(v1::GetScoresResponse& out, const Survey& survey, const Scores& scores, Period period);

}  // namespace loyalty::surveys
