#include "services/referral/domain/code.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "common/validate/check.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {
namespace {

// Words that no shop wants to print on a card. The first are looked for anywhere; the others are parts of
// decent words too ("grape", "class"), so a chosen code may hold them, but not as a word of its own.
constexpr absl::string_view kNowhere[] = {"bitch", "cunt", "fuck",  "fuk",   "hitler", "jizz",
                                          "kike",  "kkk",  "nazi",  "nigg",  "porn",   "shit",
                                          "slut",  "twat", "whore", "negro", "retard", "tranny"};
constexpr absl::string_view kNotAsAWord[] = {
    "anal", "anus",  "arse", "ass",  "boob", "cock", "coon", "crap", "dick",   "dyke", "fag",   "nude",
    "paki", "penis", "piss", "pube", "rape", "sex",  "spic", "tits", "vagina", "wank", "admin", "support"};

// The letter that a digit is read as.
char Read(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
      return 'i';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    case '7':
      return 't';
    case '8':
      return 'b';
    default:
      return c;
  }
}

}  // namespace

std::string GenerateCode(const CodeFormat& format, RandomBytes random) {
  const size_t letters = format.alphabet.size(), length = static_cast<size_t>(format.length);
  assert(letters >= 2 && letters <= 256 && length > 0);
  const size_t fair = 256 - 256 % letters;  // bytes below fall on each letter equally often
  std::string code;
  while (true) {
    for (const char c : random(length)) {
      const auto byte = static_cast<uint8_t>(c);
      if (byte < fair && code.size() < length) code.push_back(format.alphabet[byte % letters]);
    }
    if (code.size() < length) continue;
    if (!IsBlocked(code, CodeKind::kGenerated)) return code;
    code.clear();
  }
}

std::string NormalizeCode(absl::string_view text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
}

bool IsBlocked(absl::string_view code, CodeKind kind) {
  std::string read;
  for (const char c : code) read.push_back(Read(c));
  const std::vector<std::string> words = absl::StrSplit(read, '-');
  const std::string joined = absl::StrJoin(words, "");
  const auto inside = [&](absl::string_view word) { return absl::StrContains(joined, word); };
  const auto alone = [&](absl::string_view word) {
    return kind == CodeKind::kGenerated ? inside(word)
                                        : std::find(words.begin(), words.end(), word) != words.end();
  };
  return std::any_of(std::begin(kNowhere), std::end(kNowhere), inside) ||
         std::any_of(std::begin(kNotAsAWord), std::end(kNotAsAWord), alone);
}

void CheckVanityCode(Violations& violations, std::string field, absl::string_view code) {
  if (!CheckText(violations, field, code, kMaxVanityBytes, Presence::kRequired)) return;
  const auto allowed = [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; };
  if (code.size() < kMinVanityBytes) {
    violations.Add(
        std::move(field), reason::kTooSmall,
        absl::StrCat("has ", code.size(), " characters, at least ", kMinVanityBytes, " are needed."),
        {{"value", absl::StrCat(code.size())}, {"limit", absl::StrCat(kMinVanityBytes)}});
  } else if (!std::all_of(code.begin(), code.end(), allowed)) {
    violations.Add(std::move(field), reason::kMalformed, "may hold letters a to z, digits and '-'.");
  }
}

absl::Status CheckNotBlocked(absl::string_view code) {
  if (!IsBlocked(code, CodeKind::kVanity)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kCodeBlocked,
                "The code holds a word that is not allowed; choose another one.",
                {{"code", std::string(code)}});
}

absl::Status CodeNotFound(absl::string_view code) {
  return Refuse(absl::StatusCode::kNotFound, reason::kCodeNotFound,
                absl::StrCat("Nobody has the code ", code, "."), {{"code", std::string(code)}});
}

}  // namespace loyalty::referral
