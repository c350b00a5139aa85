from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value of the profile: nothing unknown gets in, nothing is coerced, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
