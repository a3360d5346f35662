import type { Submit } from "../page-protocol.ts";
import type { Input } from "./block-rules.ts";
import type { Option } from "./menu-rules.ts";
import { ImpossibleAction } from "./user-action.ts";
import type { InputValue, InputValues, View } from "./views.ts";

/** By block_id: the error text under an input. */
export type Errors = Record<string, string>;

export const inputsOf = (view: View): Input[] =>
  view.modal.blocks.flatMap((block) => (block.type === "input" ? [block] : []));

/** The page's data as values of the modal's inputs. Refuses values that the page could not have offered. */
export function inputValues(view: View, values: Submit["values"]): InputValues {
  const inputs = inputsOf(view);
  for (const [blockId, actions] of Object.entries(values)) {
    const input = inputs.find(({ block_id }) => block_id === blockId);
    const unknown = Object.keys(actions).find((actionId) => actionId !== input?.element.action_id);
    if (input === undefined || unknown !== undefined) {
      throw new ImpossibleAction(
        `values.${blockId}${unknown === undefined ? "" : `.${unknown}`}`,
        "not an input of this modal",
      );
    }
  }
  return Object.fromEntries(
    inputs.map((input) => {
      const { block_id, element } = input;
      return [block_id, { [element.action_id]: inputValueOf(view, input, values[block_id]?.[element.action_id]) }];
    }),
  );
}

function inputValueOf(view: View, input: Input, given: string | readonly string[] | undefined): InputValue {
  const { block_id, element } = input;
  const wrong = (why: string) => new ImpossibleAction(`values.${block_id}.${element.action_id}`, why);
  if (element.type === "plain_text_input") {
    if (given !== undefined && typeof given !== "string") throw wrong("this input takes a text");
    return { type: element.type, value: given === undefined || given === "" ? null : given };
  }
  if (typeof given === "string") throw wrong("this input takes a list of values");
  if (element.type === "users_select") {
    const [user = element.initial_user ?? null, ...more] = given ?? [];
    if (more.length > 0 || (user !== null && !/^[UW][A-Z0-9]+$/.test(user))) throw wrong("this menu takes one person");
    return { type: element.type, selected_user: user };
  }
  if (element.type === "checkboxes") {
    const chosen = (given ?? []).map((value) => element.options.find((box) => box.value === value));
    const known = chosen.flatMap((box) => box ?? []);
    if (known.length < chosen.length) throw wrong("there is no such box");
    return { type: element.type, selected_options: known };
  }
  const initial = initialOf(input);
  const options = (given ?? initial.map(({ value }) => value)).map((value) => {
    const option = view.offers.find(block_id, element.action_id, value) ?? initial.find((each) => each.value === value);
    if (option === undefined) throw wrong(`${JSON.stringify(value)} was not offered`);
    return option;
  });
  if (element.type === "multi_external_select") return { type: element.type, selected_options: options };
  if (options.length > 1) throw wrong("this menu takes one option");
  return { type: element.type, selected_option: options[0] ?? null };
}

/** The initial choice of a menu. */
function initialOf({ element }: Input): readonly Option[] {
  if (element.type === "multi_external_select") return element.initial_options ?? [];
  return element.type === "external_select" && element.initial_option !== undefined ? [element.initial_option] : [];
}

/** Errors that Slack itself finds before it asks the app. */
export const inputErrors = (view: View, values: InputValues): Errors =>
  Object.fromEntries(
    inputsOf(view).flatMap((input) => {
      const value = values[input.block_id]?.[input.element.action_id];
      const error = value === undefined ? null : inputError(input, value);
      return error === null ? [] : [[input.block_id, error]];
    }),
  );

function inputError({ element, optional }: Input, value: InputValue): string | null {
  if (isEmpty(value)) return optional === true ? null : "Please complete this required field.";
  if (element.type === "plain_text_input" && value.type === "plain_text_input") {
    const length = value.value?.length ?? 0;
    const least = element.min_length ?? 0;
    const most = element.max_length ?? 3000;
    if (length < least) return `Please enter at least ${least} characters.`;
    return length > most ? `Please enter at most ${most} characters.` : null;
  }
  if (element.type === "multi_external_select" && value.type === "multi_external_select") {
    const most = element.max_selected_items ?? Number.POSITIVE_INFINITY;
    return value.selected_options.length > most ? `Please choose at most ${most} options.` : null;
  }
  return null;
}

function isEmpty(value: InputValue): boolean {
  if (value.type === "plain_text_input") return value.value === null;
  if (value.type === "users_select") return value.selected_user === null;
  return value.type === "external_select" ? value.selected_option === null : value.selected_options.length === 0;
}
