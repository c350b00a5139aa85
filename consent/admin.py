"""What this room shows at the desk."""

from consent.suppression_admin import SuppressionAdmin

__all__ = ["SuppressionAdmin"]
