import {
  to = mde_live_response_run.triage

  identity = {
    id = "0d5fa1bc-5b3c-4a8d-9a51-0f6d1b7e6a3c"
  }
}
