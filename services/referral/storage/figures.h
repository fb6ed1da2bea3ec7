// What is measured of this service's tables; common/figures shows it.
#pragma once

#include <vector>

#include "common/figures/figures.h"

namespace loyalty::referral {

std::vector<figures::Figure> Figures();

}  // namespace loyalty::referral
