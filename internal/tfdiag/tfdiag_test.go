package tfdiag

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func TestError(t *testing.T) {
	t.Parallel()
	op := Operation{Verb: "create", Object: "indicator", Name: "evil.example", Permissions: []string{"Ti.ReadWrite.All", "Ti.ReadWrite"}}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"forbidden names the permission": {&mde.Error{Op: "submit indicator", Status: 403, Code: "Forbidden", Message: "no", CorrelationID: "|f712."}, "Ti.ReadWrite.All or Ti.ReadWrite"},
		"a feature that is off":          {&mde.Error{Status: 403, Code: "DisabledFeature"}, "Advanced features"},
		"no automation level":            {&mde.Error{Status: 403, Code: "DisallowedOperation"}, "automation level"},
		"unauthorized":                   {&mde.Error{Status: 401}, "access_token"},
		"unauthorized, and how":          {&mde.Error{Status: 401, SignIn: "the Azure CLI"}, "The provider signs in with the Azure CLI."},
		"throttled":                      {&mde.Error{Status: 429}, "rate_limits"},
		"written twice":                  {fmt.Errorf("x: %w", mde.ErrClaimed), "Keep one"},
		"timeout":                        {&mde.Error{Err: context.DeadlineExceeded}, "timeouts"},
		"service down":                   {&mde.Error{Status: 500}, "Apply again"},
		"correlation id":                 {&mde.Error{Status: 400, CorrelationID: "|f712."}, "|f712."},
		"which one":                      {errors.New("x"), `Indicator "evil.example"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Error(op, test.err)
			if got.Summary() != "Could not create indicator" || !strings.Contains(got.Detail(), test.want) {
				t.Errorf("%s: %s lacks %q", got.Summary(), got.Detail(), test.want)
			}
		})
	}
}
