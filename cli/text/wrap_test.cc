#include "cli/text/wrap.h"

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

TEST(Wrap, BreaksBetweenWordsAtTheWidth) {
  EXPECT_EQ(Wrap("Ada buys two mugs", 0, 8), "Ada buys\ntwo mugs\n");
  EXPECT_EQ(Wrap("Ada buys two mugs", 2, 100), "  Ada buys two mugs\n");
}

TEST(Wrap, ALongWordStandsAlone) { EXPECT_EQ(Wrap("a membership b", 1, 4), " a\n membership\n b\n"); }

TEST(Wrap, CountsCharactersNotBytes) { EXPECT_EQ(Wrap("né né", 0, 5), "né né\n"); }

TEST(Wrap, NothingIsNothing) { EXPECT_EQ(Wrap(" \n", 4, 10), ""); }

}  // namespace
}  // namespace loyalty::cli
