package provider

import (
	"net/http"
	"os/exec"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

// NewWith is New with a transport and an environment of the test's own, and
// without the programs of this machine.
func NewWith(base http.RoundTripper, getenv func(string) string) func() provider.Provider {
	return func() provider.Provider {
		return &mdeProvider{version: "test", base: base, getenv: getenv, lookPath: noPrograms}
	}
}

func noPrograms(name string) (string, error) {
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// Variables are the environment variables that the provider reads.
func Variables() []string {
	var names []string
	for _, setting := range append(texts(), switches()...) {
		names = append(names, setting.Variables...)
	}
	return names
}
