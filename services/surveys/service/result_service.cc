#include "services/surveys/service/result_service.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/handler/request.h"
#include "services/surveys/domain/reason.h"
#include "services/surveys/service/convert.h"
#include "services/surveys/storage/response_store.h"
#include "services/surveys/storage/survey_store.h"

namespace loyalty::surveys {
namespace {

constexpr size_t kMaxDimensions = 10;  // of a request; there are two

// What scores are asked for.
struct ScoreQuery {
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  Grouping grouping;
};

absl::StatusOr<ScoreQuery> ToQuery(const v1::GetScoresRequest& in) {
  ScoreQuery query;
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "survey_id", in.survey_id(), kMaxSlugBytes, Presence::kRequired);
  const auto read = [&](const char* field, const google::protobuf::Timestamp& given, absl::Time& time) {
    time = ToTime(given);
    if (time == absl::InfiniteFuture()) violations.Add(field, reason::kMalformed, "is not a valid time.");
  };
  if (in.has_start_time()) read("start_time", in.start_time(), query.start);
  if (in.has_end_time()) read("end_time", in.end_time(), query.end);
  if (v1::Period_IsValid(in.period())) {
    query.grouping.period = static_cast<Period>(in.period());
  } else {
    violations.Add("period", reason::kMalformed, "is not a period.");
  }
  CheckCount(violations, "dimensions", static_cast<size_t>(in.dimensions_size()), kMaxDimensions);
  for (int i = 0; i < std::min(in.dimensions_size(), static_cast<int>(kMaxDimensions)); ++i) {
    if (in.dimensions(i) == v1::DIMENSION_CHANNEL) {
      query.grouping.by_channel = true;
    } else if (in.dimensions(i) == v1::DIMENSION_SEGMENT) {
      query.grouping.by_segment = true;
    } else {
      violations.Add(absl::StrCat("dimensions[", i, "]"), reason::kMalformed, "is not a dimension.");
    }
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return query;
}

}  // namespace

grpc::ServerUnaryReactor* ResultServiceImpl::GetScores(grpc::CallbackServerContext* context,
                                                       const v1::GetScoresRequest* request,
                                                       v1::GetScoresResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Scores(in, out); });
}

absl::Status ResultServiceImpl::Scores(const v1::GetScoresRequest& in, v1::GetScoresResponse& out) {
  const absl::StatusOr<ScoreQuery> query = ToQuery(in);
  LOYALTY_RETURN_IF_ERROR(query.status());
  // A transaction, though it writes nothing: how the rows are counted is set for the transaction.
  return runner_.Do(in.program_id(), "", [&](work::Work& work) -> absl::Status {
    out.Clear();
    const absl::StatusOr<Survey> survey = LoadSurvey(work.tx(), work.program().key, in.survey_id());
    LOYALTY_RETURN_IF_ERROR(survey.status());
    const std::vector<CountRow> counts =
        CountScores(work.tx(), work.program().key, survey->key, query->start, query->end, query->grouping);
    Fill(out, *survey, ComputeScores(*survey, counts), query->grouping.period);
    return absl::OkStatus();
  });
}

}  // namespace loyalty::surveys
