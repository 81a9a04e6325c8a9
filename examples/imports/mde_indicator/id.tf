import {
  to = mde_indicator.domain
  id = "5142"
}
