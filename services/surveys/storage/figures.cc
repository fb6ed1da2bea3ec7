#include "services/surveys/storage/figures.h"

#include "surveys_sql.h"

namespace loyalty::surveys {

std::vector<figures::Figure> Figures() {
  return {{.statement = sql::kFiguresResponses,
           .gauges = {{"responses", "loyalty_survey_responses", "Responses to surveys."}}},
          {.statement = sql::kFiguresNps,
           .gauges = {{"nps", "loyalty_survey_nps",
                       "Net promoter score of the last 30 days, -100 to 100; none for small groups."}},
           .by_time = true},
          {.statement = sql::kFiguresCases,
           .gauges = {{"open", "loyalty_survey_cases_open", "Cases that are not resolved."},
                      {"past_due", "loyalty_survey_cases_past_due", "Open cases whose first reply is late."}},
           .by_time = true}};
}

}  // namespace loyalty::surveys
