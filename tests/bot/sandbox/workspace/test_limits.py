"""The limit table against two independent ones: slackblocks' and that of Slack's own SDK."""

from __future__ import annotations

import pytest
from slack_sdk.models import blocks as sdk
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.blocks import basic_components, block_elements
from slack_sdk.models.views import View
from slackblocks import _limits as other

from bot.sandbox.workspace.blockkit import limits

OURS = {name: value for name, value in vars(limits).items() if name.isupper()}
SHARED = sorted(name for name in OURS if hasattr(other, name))


@pytest.mark.parametrize("name", SHARED)
def test_a_limit_is_the_same_in_slackblocks(name: str) -> None:
    assert OURS[name] == getattr(other, name)


def test_nearly_every_limit_has_a_second_opinion() -> None:
    """A limit whose name nobody else knows would never be compared."""
    assert set(OURS) - set(SHARED) == {
        "ATTACHMENT_FOOTER_MAX_LENGTH",
        "MESSAGE_TABLES_MAX_ITEMS",
        "TABLE_CONTENT_MAX_LENGTH",
        "VIEW_MAX_BYTES",
        "VIEW_STACK_MAX_ITEMS",
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("BLOCK_ID_MAX_LENGTH", sdk.Block.block_id_max_length),
        ("SECTION_TEXT_MAX_LENGTH", sdk.SectionBlock.text_max_length),
        ("SECTION_FIELDS_MAX_ITEMS", sdk.SectionBlock.fields_max_length),
        ("HEADER_TEXT_MAX_LENGTH", sdk.HeaderBlock.text_max_length),
        ("CONTEXT_ELEMENTS_MAX_ITEMS", sdk.ContextBlock.elements_max_length),
        ("CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS", sdk.ContextActionsBlock.elements_max_length),
        ("ACTIONS_ELEMENTS_MAX_ITEMS", sdk.ActionsBlock.elements_max_length),
        ("IMAGE_IMAGE_URL_MAX_LENGTH", sdk.ImageBlock.image_url_max_length),
        ("IMAGE_ALT_TEXT_MAX_LENGTH", sdk.ImageBlock.alt_text_max_length),
        ("IMAGE_TITLE_MAX_LENGTH", sdk.ImageBlock.title_max_length),
        ("INPUT_LABEL_MAX_LENGTH", sdk.InputBlock.label_max_length),
        ("INPUT_HINT_MAX_LENGTH", sdk.InputBlock.hint_max_length),
        ("MARKDOWN_TEXT_MAX_LENGTH", sdk.MarkdownBlock.text_max_length),
        ("CARD_TITLE_MAX_LENGTH", sdk.CardBlock.title_max_length),
        ("CARD_BODY_MAX_LENGTH", sdk.CardBlock.body_max_length),
        ("CAROUSEL_ELEMENTS_MAX_ITEMS", sdk.CarouselBlock.elements_max_length),
        ("CONTAINER_TITLE_MAX_LENGTH", sdk.ContainerBlock.title_max_length),
        ("CONTAINER_CHILD_BLOCKS_MAX_ITEMS", sdk.ContainerBlock.child_blocks_max_length),
        ("ACTION_ID_MAX_LENGTH", block_elements.InteractiveElement.action_id_max_length),
        (
            "SELECT_PLACEHOLDER_MAX_LENGTH",
            block_elements.InputInteractiveElement.placeholder_max_length,
        ),
        ("BUTTON_TEXT_MAX_LENGTH", sdk.ButtonElement.text_max_length),
        ("BUTTON_VALUE_MAX_LENGTH", sdk.ButtonElement.value_max_length),
        ("BUTTON_URL_MAX_LENGTH", sdk.ButtonElement.url_max_length),
        ("SELECT_OPTIONS_MAX_ITEMS", sdk.StaticSelectElement.options_max_length),
        ("SELECT_OPTION_GROUPS_MAX_ITEMS", sdk.StaticSelectElement.option_groups_max_length),
        ("OPTION_TEXT_MAX_LENGTH", sdk.Option.label_max_length),
        ("OPTION_VALUE_MAX_LENGTH", sdk.Option.value_max_length),
        ("OPTION_GROUP_LABEL_MAX_LENGTH", sdk.OptionGroup.label_max_length),
        ("OPTION_GROUP_OPTIONS_MAX_ITEMS", sdk.OptionGroup.options_max_length),
        ("OVERFLOW_OPTIONS_MIN_ITEMS", sdk.OverflowMenuElement.options_min_length),
        ("OVERFLOW_OPTIONS_MAX_ITEMS", sdk.OverflowMenuElement.options_max_length),
        ("IMAGE_ELEMENT_IMAGE_URL_MAX_LENGTH", sdk.ImageElement.image_url_max_length),
        ("IMAGE_ELEMENT_ALT_TEXT_MAX_LENGTH", sdk.ImageElement.alt_text_max_length),
        ("CONFIRMATION_TITLE_MAX_LENGTH", sdk.ConfirmObject.title_max_length),
        ("CONFIRMATION_TEXT_MAX_LENGTH", sdk.ConfirmObject.text_max_length),
        ("CONFIRMATION_CONFIRM_MAX_LENGTH", sdk.ConfirmObject.confirm_max_length),
        ("CONFIRMATION_DENY_MAX_LENGTH", sdk.ConfirmObject.deny_max_length),
        (
            "FEEDBACK_BUTTON_TEXT_MAX_LENGTH",
            basic_components.FeedbackButtonObject.text_max_length,
        ),
        ("VIEW_BLOCKS_MAX_ITEMS", View.blocks_max_length),
        ("VIEW_TITLE_MAX_LENGTH", View.title_max_length),
        ("VIEW_SUBMIT_MAX_LENGTH", View.submit_max_length),
        ("VIEW_CLOSE_MAX_LENGTH", View.close_max_length),
        ("VIEW_PRIVATE_METADATA_MAX_LENGTH", View.private_metadata_max_length),
        ("VIEW_CALLBACK_ID_MAX_LENGTH", View.callback_id_max_length),
        ("ATTACHMENT_FOOTER_MAX_LENGTH", Attachment.footer_max_length),
    ],
)
def test_a_limit_is_the_same_in_slacks_own_sdk(ours: str, theirs: int) -> None:
    assert OURS[ours] == theirs
