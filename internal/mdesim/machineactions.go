package mdesim

import (
	"net/http"
	"slices"
)

// actionWire is a machine action as the service answers it.
type actionWire struct {
	ID                      string        `json:"id"`
	Type                    string        `json:"type"`
	Title                   *string       `json:"title"`
	Requestor               string        `json:"requestor"`
	RequestorComment        string        `json:"requestorComment"`
	Status                  string        `json:"status"`
	MachineID               *string       `json:"machineId"`
	ComputerDNSName         *string       `json:"computerDnsName"`
	CreationDateTimeUTC     string        `json:"creationDateTimeUtc"`
	LastUpdateDateTimeUTC   string        `json:"lastUpdateDateTimeUtc"`
	CancellationRequestor   *string       `json:"cancellationRequestor"`
	CancellationComment     *string       `json:"cancellationComment"`
	CancellationDateTimeUTC *string       `json:"cancellationDateTimeUtc"`
	ErrorHResult            int32         `json:"errorHResult"`
	Scope                   *string       `json:"scope"`
	ExternalID              *string       `json:"externalId"`
	RequestSource           string        `json:"requestSource"`
	RelatedFileInfo         *FileInfo     `json:"relatedFileInfo"`
	Commands                []commandWire `json:"commands"`
	TroubleshootInfo        *string       `json:"troubleshootInfo"`
}

type commandWire struct {
	Index         int      `json:"index"`
	StartTime     *string  `json:"startTime"`
	EndTime       *string  `json:"endTime"`
	CommandStatus string   `json:"commandStatus"`
	Errors        []string `json:"errors"`
	Command       Command  `json:"command"`
}

func newActionWire(a MachineAction) actionWire {
	wire := actionWire{
		ID: a.ID, Type: a.Type, Title: nullable(a.Title), Requestor: a.Requestor, RequestorComment: a.RequestorComment, Status: a.Status,
		MachineID: nullable(a.MachineID), ComputerDNSName: nullable(a.ComputerDNSName),
		CreationDateTimeUTC: timestamp(a.CreationDateTimeUTC), LastUpdateDateTimeUTC: timestamp(a.LastUpdateDateTimeUTC),
		CancellationRequestor: nullable(a.CancellationRequestor), CancellationComment: nullable(a.CancellationComment),
		CancellationDateTimeUTC: timestampOrNull(a.CancellationDateTimeUTC), ErrorHResult: a.ErrorHResult,
		Scope: nullable(a.Scope), ExternalID: nullable(a.ExternalID), RequestSource: a.RequestSource, RelatedFileInfo: a.RelatedFileInfo,
		Commands: []commandWire{}, TroubleshootInfo: nullable(a.TroubleshootInfo),
	}
	for _, command := range a.Commands {
		wire.Commands = append(wire.Commands, commandWire{
			Index: command.Index, StartTime: timestampOrNull(command.StartTime), EndTime: timestampOrNull(command.EndTime),
			CommandStatus: command.CommandStatus, Errors: append([]string{}, command.Errors...), Command: command.Command,
		})
	}
	return wire
}

// actionSet tells what the list can be filtered and ordered by.
func actionSet() entitySet[MachineAction] {
	return entitySet[MachineAction]{
		name: "MachineActions",
		properties: map[string]func(MachineAction) any{
			"id":                    func(a MachineAction) any { return a.ID },
			"status":                func(a MachineAction) any { return a.Status },
			"machineId":             func(a MachineAction) any { return textOrNil(a.MachineID) },
			"type":                  func(a MachineAction) any { return a.Type },
			"requestor":             func(a MachineAction) any { return a.Requestor },
			"creationDateTimeUtc":   func(a MachineAction) any { return a.CreationDateTimeUTC },
			"lastUpdateDateTimeUtc": func(a MachineAction) any { return a.LastUpdateDateTimeUTC },
		},
		wire: func(a MachineAction) any { return newActionWire(a) },
	}
}

func (s *Server) actionAnswer(r *request, status int, action MachineAction) response {
	return odata(status, entity{r.metadata("MachineActions/$entity"), newActionWire(action)})
}

func badGUID(id string) error {
	return badRequest("BadRequest", "The key value (%s) from request is not valid. The key value should be format of type 'Edm.Guid'.", id)
}

func (s *Server) listMachineActions(r *request) response {
	actions := slices.DeleteFunc(s.tenant.actions(), func(a MachineAction) bool {
		return r.now.Before(a.CreationDateTimeUTC.Add(s.options.VisibilityLag))
	})
	return list(r, s.options, actionSet(), actions)
}

func (s *Server) getMachineAction(r *request) response {
	if !guid.MatchString(r.params["id"]) {
		return failed(badGUID(r.params["id"]))
	}
	action, err := s.tenant.action(r.params["id"])
	if err != nil {
		return failed(err)
	}
	return s.actionAnswer(r, http.StatusOK, action)
}

func (s *Server) cancelMachineAction(r *request) response {
	if !guid.MatchString(r.params["id"]) {
		return failed(badGUID(r.params["id"]))
	}
	in, err := decodeBody[struct {
		Comment string `json:"Comment"`
	}](r.body)
	if err != nil {
		return failed(err)
	}
	if in.Comment == "" {
		return failed(missing("Comment"))
	}
	action, err := s.tenant.cancel(r.params["id"], in.Comment, r.caller)
	if err != nil {
		return failed(err)
	}
	return s.actionAnswer(r, http.StatusOK, action)
}
