// The chapters of the story, in their order. Each throws PlotError when a service answers otherwise than the
// plot says.
#pragma once

#include "cli/commands/story_teller.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli::story {

// The program, when the story is to begin.
points::v1::CreateProgramRequest NewProgram(const std::string& program_id);

void OpenTheShop(Teller& teller);      // the program's offers, in all services
void BringAFriend(Teller& teller);     // referral
void JoinThePlan(Teller& teller);      // membership
void AnswerTheSurvey(Teller& teller);  // surveys
void EndTheYear(Teller& teller);       // spending and renewal
// Statement, balances and proof. Returns the totals.
nlohmann::ordered_json CloseTheBooks(Teller& teller);

}  // namespace loyalty::cli::story
