"""The API's documentation in a real browser, which enforces the page's content security policy."""

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

OPERATION = "get_v1_timelines_home"


def test_an_operation_opens_and_leads_to_its_shape_without_a_script(browser: Chrome, server: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(f"{server}/docs#{OPERATION}")
    operation = browser.find_element(By.ID, OPERATION)
    assert "since_id" not in operation.text
    operation.find_element(By.TAG_NAME, "summary").click()
    assert "since_id" in operation.text
    operation.find_element(By.LINK_TEXT, "Status").click()
    assert browser.current_url.endswith("/docs#Status")
    messages = [entry["message"] for entry in browser.get_log("browser")]
    assert not [message for message in messages if "Content Security Policy" in message]
