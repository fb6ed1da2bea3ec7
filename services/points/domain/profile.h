// What a program knows of a member beside points and labels.
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/status/status.h"

namespace loyalty::points {

// Without the year; 29 February is celebrated on 28 in common years.
struct Birthday {
  int32_t month = 0;  // 0: not known
  int32_t day = 0;
  bool operator==(const Birthday&) const = default;
};

// A value of the caller's own. Numbers are whole.
using Attribute = std::variant<std::string, int64_t, bool, absl::CivilDay>;
inline constexpr size_t kMaxAttributes = 50;
inline constexpr size_t kMaxAttributeBytes = 500;

// Whether somebody may be contacted, through what and for what: "email", "marketing".
struct Consent {
  std::string channel;
  std::string purpose;
  bool granted = false;
  absl::Time update_time;
  bool operator==(const Consent&) const = default;
};
inline constexpr size_t kMaxConsents = 50;

struct Profile {
  Birthday birthday;
  std::string segment;             // one of the caller's; empty: none
  std::string referrer_member_id;  // who brought the member; empty: nobody
  std::map<std::string, Attribute> attributes;
  std::vector<Consent> consents;  // by channel and purpose
  bool operator==(const Profile&) const = default;
};

// Adds everything that is wrong with a profile; fields are named below `field`.
void ValidateProfile(const Profile& profile, const std::string& field, Violations& violations);

}  // namespace loyalty::points
