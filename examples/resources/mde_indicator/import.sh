# By the record's id, as the API lists it.
terraform import mde_indicator.domain 5142

# By its type, value and action, in any spelling that means the same.
terraform import mde_indicator.domain DomainName/login.contoso-payroll.example/Block
