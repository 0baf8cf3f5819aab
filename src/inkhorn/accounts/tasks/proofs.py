"""Jobs about proving again who one is."""

from inkhorn.accounts.models import AccountStatus, Purpose, User
from inkhorn.accounts.services.tokens import LIVES, issue_token
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.letters import is_written


@job("accounts.send_proof_code")
def send_proof_code(user_id: int, browser: str | None, moment: str) -> None:
    """Send six digits that somebody signed in types in their browser to prove that the mailbox is still theirs."""
    with transaction():
        user, purpose = session().get(User, user_id), f"accounts.proof:{user_id}:{moment}"
        # A second run would make digits that stand in no letter, and the newest digits count.
        if user is None or not user.email or user.status is not AccountStatus.ACTIVE or browser is None or is_written(purpose):
            return
        issued = issue_token(Purpose.PROOF, user=user, browser=browser, has_code=True)
        write_letter(
            "accounts/proof",
            to=user.email,
            name=user.name,
            language=user.language,
            purpose=purpose,
            expires_at=issued.row.expires_at,
            greeted=user.name,
            code=issued.code,
            minutes=int(LIVES[Purpose.PROOF].total_seconds() // 60),
        )
