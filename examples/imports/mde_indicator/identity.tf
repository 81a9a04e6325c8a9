import {
  to = mde_indicator.domain

  identity = {
    id = "5142"
  }
}
