package machine

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestOData(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]conditions{
		"": {NamePrefix: types.StringValue("fin-"), RBACGroupName: types.StringValue("Finance")},
		"riskScore eq 'High' or riskScore eq 'Low'": {Filter: types.StringValue("riskScore eq 'High' or riskScore eq 'Low'")},
		"healthStatus eq 'Active' and machineTags/any(tag: tag eq 'O''Neil') and (riskScore eq 'High' or riskScore eq 'Low')": {
			HealthStatus: types.StringValue("Active"), Tag: types.StringValue("O'Neil"), Filter: types.StringValue("riskScore eq 'High' or riskScore eq 'Low'"),
		},
	} {
		if got := c.odata(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
