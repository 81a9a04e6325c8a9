package mde_test

import (
	"errors"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestCancel_anAnswerThatIsLostIsSettledByReading(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault mdesim.Fault
		want  error
	}{
		"empty after the effect": {mdesim.Fault{Status: 200, Body: " ", AfterEffect: true}, nil},
		"always down":            {mdesim.Fault{Status: 500, Times: -1}, mde.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
				sim.SetOffline(mdesim.DefaultMachineID, true)
				action, err := client.LiveResponse.Run(t.Context(), mde.RunRequest{
					MachineID: mdesim.DefaultMachineID, Comment: "why",
					Commands: []mde.Command{{Type: mde.CommandGetFile, Params: []mde.CommandParam{{Key: mde.ParamPath, Value: `C:\x`}}}},
				})
				if err != nil {
					t.Fatal(err)
				}
				tt.fault.Op = mdesim.OpCancelMachineAction
				sim.AddFault(tt.fault)
				got, err := client.MachineActions.Cancel(t.Context(), action.ID, "why")
				if !errors.Is(err, tt.want) || tt.want == nil && got.Status != mde.StatusCancelled {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}
