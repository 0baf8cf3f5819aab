// A meter beside every field in which a password is chosen: how long guessing would take, in words, said aloud once typing stops.
const COMMON = /^(password|passwort|qwerty|azerty|letmein|welcome|admin|iloveyou|monkey|dragon|football|sunshine)/i;

// Bits of an even choice, with less for letters that repeat or follow each other; a rough measure, and the server has the last word.
function bitsOf(password) {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s]/, /\s/, /[^\x00-\x7f]/].filter((kind) => kind.test(password)).length;
  const letters = [...password];
  const worth = letters.filter((letter, index) => {
    const step = letter.codePointAt(0) - (letters[index - 1]?.codePointAt(0) ?? -9);
    return Math.abs(step) > 1;
  }).length;
  const distinct = new Set(letters).size;
  return Math.min(worth, distinct * 2) * (2 + kinds * 0.7);
}

function levelOf(password, known) {
  const plain = password.toLowerCase();
  if (COMMON.test(plain) && plain.length < 16) return 0;
  const rest = known.reduce((text, word) => text.replaceAll(word, ""), plain);
  const bits = bitsOf(rest === plain ? password : rest);
  return [20, 35, 50, 70].filter((least) => bits >= least).length;
}

function bringToLife(field) {
  const box = document.createElement("p");
  box.className = "strength";
  const meter = Object.assign(document.createElement("meter"), { min: 0, max: 4, low: 1.5, high: 2.5, optimum: 4, value: 0 });
  meter.setAttribute("aria-hidden", "true");
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  box.append(meter, told);
  box.hidden = true;
  field.after(box);
  let waiting;
  const weigh = () => {
    const others = [...field.form.querySelectorAll("input[type=text], input[type=email]")].map((each) => each.value);
    const known = [...others, document.title].flatMap((text) => text.toLowerCase().split(/[\s@.|·]+/)).filter((word) => word.length > 3);
    const level = levelOf(field.value, known);
    box.hidden = !field.value;
    meter.value = level;
    const words = (field.dataset.strength ?? "").split("|");
    clearTimeout(waiting);
    waiting = setTimeout(() => { told.textContent = field.value ? words[level] ?? "" : ""; }, 500);
  };
  field.addEventListener("input", weigh);
  weigh();
}

document.querySelectorAll("input[autocomplete=new-password]").forEach(bringToLife);
