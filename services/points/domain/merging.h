// What becomes of a member's profile when another member, who is the same person, is merged in.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "services/points/domain/profile.h"

namespace loyalty::points {

// What is known of `into` stays; what is not is taken from `from`, attributes and consents as far as there is
// room. Of a consent that both have, the newer one holds. Who was brought by one of the two members, for whom
// several ids may stand, was brought by nobody.
Profile MergedProfile(const Profile& from, Profile into,
                      absl::FunctionRef<bool(const std::string& member_id)> is_one_of_them);

}  // namespace loyalty::points
