from .failures import FailedSignIn
from .org import Site, Team
from .roles import Membership, Role, RolePermission
from .user import User

__all__ = ["FailedSignIn", "Membership", "Role", "RolePermission", "Site", "Team", "User"]
