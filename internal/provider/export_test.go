package provider

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

// NewWith is New with a transport and an environment of the test's own.
func NewWith(base http.RoundTripper, getenv func(string) string) func() provider.Provider {
	return func() provider.Provider { return &mdeProvider{version: "test", base: base, getenv: getenv} }
}
