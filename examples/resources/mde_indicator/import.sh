# By the record's id, as the API lists it.
terraform import mde_indicator.domain 5142
