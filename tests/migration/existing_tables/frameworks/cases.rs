//! A test for each case in `tests/cases/frameworks`: written by `cargo xtask bless`.

use super::check_case;
use crate::golden::case_tests;

case_tests! {
    alembic = "alembic",
    diesel = "diesel",
    django = "django",
    ecto = "ecto",
    flyway = "flyway",
    golang_migrate = "golang-migrate",
    knex = "knex",
    laravel = "laravel",
    prisma = "prisma",
    rails = "rails",
    sqlx = "sqlx",
    typeorm = "typeorm",
}
